//! Categories: a tree of terms, which products name by ids and the hub by paths.

use super::{
    shapes::Term,
    text::{same, unescape},
};
use std::collections::BTreeMap;

/// What the names of a path are joined by.
pub(super) const JOINT: &str = " > ";

/// Deeper than any shop's categories; a circle of parents ends here.
const DEEPEST: usize = 20;

/// The shop's categories by their ids.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree(BTreeMap<u64, Term>);

/// What is missing of a path: the names below `parent`, 0 being the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Missing {
    pub parent: u64,
    pub names: Vec<String>,
}

impl Tree {
    pub(super) fn new(terms: impl IntoIterator<Item = Term>) -> Self {
        Self(terms.into_iter().map(|term| (term.id, term)).collect())
    }

    pub(super) fn add(&mut self, term: Term) {
        self.0.insert(term.id, term);
    }

    pub(super) fn knows(&self, id: u64) -> bool {
        self.0.contains_key(&id)
    }

    /// The path of a category, by the name that the product shows where the tree does not have it.
    pub(super) fn path(&self, category: &Term) -> String {
        let mut names = vec![unescape(category.name.trim())];
        let mut at = self.0.get(&category.id).map_or(0, |known| known.parent);
        while let Some(parent) = self.0.get(&at) {
            if names.len() == DEEPEST {
                break;
            }
            names.push(unescape(parent.name.trim()));
            at = parent.parent;
        }
        names.reverse();
        names.join(JOINT)
    }

    /// The category of a path, or what is missing to it.
    ///
    /// Whole paths are looked for first, since a name may hold what joins names.
    pub(super) fn find(&self, path: &str) -> Result<u64, Missing> {
        let whole = self.0.values().find(|term| same(&self.path(term), path));
        if let Some(term) = whole {
            return Ok(term.id);
        }
        let mut parent = 0;
        let mut names = path.split(JOINT).map(str::trim).filter(|name| !name.is_empty());
        while let Some(name) = names.next() {
            let child = self
                .0
                .values()
                .find(|term| term.parent == parent && same(&unescape(&term.name), name));
            match child {
                Some(term) => parent = term.id,
                None => {
                    return Err(Missing {
                        parent,
                        names: std::iter::once(name).chain(names).map(str::to_owned).collect(),
                    });
                }
            }
        }
        Ok(parent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Tree {
        let term = |(id, parent, name): (u64, u64, &str)| Term {
            id,
            name: name.to_owned(),
            slug: String::new(),
            parent,
        };
        Tree::new(
            [
                (1, 0, "Home &amp; Garden"),
                (2, 1, "Tools"),
                (3, 0, "Tools"),
                (4, 3, "5 &gt; 3 &amp; 2 &lt; 4"),
                (5, 6, "Circle"),
                (6, 5, "Round"),
            ]
            .map(term),
        )
    }

    #[test]
    fn a_category_has_the_path_of_its_parents_with_names_unescaped() {
        let tree = tree();
        let check = |id: u64, path: &str| {
            assert_eq!(tree.path(&tree.0[&id]), path);
            assert_eq!(tree.find(path), Ok(id), "{path}");
        };
        check(1, "Home & Garden");
        check(2, "Home & Garden > Tools");
        check(3, "Tools");
        check(4, "Tools > 5 > 3 & 2 < 4");
        assert_eq!(tree.find("home & garden > TOOLS"), Ok(2));
        let unknown = Term {
            id: 99,
            name: "New &amp; used".to_owned(),
            ..Term::default()
        };
        assert_eq!(tree.path(&unknown), "New & used");
        assert!(tree.path(&tree.0[&5]).ends_with("Circle"));
    }

    #[test]
    fn what_is_missing_of_a_path_begins_below_what_is_there() {
        let missing = |parent, names: &[&str]| {
            Err(Missing {
                parent,
                names: names.iter().map(|&name| name.to_owned()).collect(),
            })
        };
        let tree = tree();
        assert_eq!(
            tree.find("Clothing > Hoodies"),
            missing(0, &["Clothing", "Hoodies"])
        );
        assert_eq!(
            tree.find("Home & Garden > Hoses > Green"),
            missing(1, &["Hoses", "Green"])
        );
        assert_eq!(tree.find("Garden"), missing(0, &["Garden"]));
    }
}
