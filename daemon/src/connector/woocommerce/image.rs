//! Pictures: those of the product, then those that only a variation shows.

use super::shapes::{Image, Product, Variation};
use shared::{ids::RemoteId, product};

/// All pictures of a product, and for each variation the addresses of those that are its own.
///
/// A variation without a picture of its own is shown with its product's first one.
pub(super) fn gallery(
    product: &Product,
    variations: &[Variation],
) -> (Vec<product::Image>, Vec<Vec<String>>) {
    let mut images: Vec<product::Image> = Vec::with_capacity(product.images.len());
    let mut add = |image: &Image| {
        if !images.iter().any(|known| known.address == image.src) {
            images.push(picture(image));
        }
    };
    product
        .images
        .iter()
        .filter(|image| !image.src.is_empty())
        .for_each(&mut add);
    let main = product.images.first().map(|image| image.id);
    let own = |variation: &Variation| -> Option<Image> {
        let image = variation.image.clone()?;
        (image.id != 0 && Some(image.id) != main && !image.src.is_empty()).then_some(image)
    };
    let addresses = variations.iter().map(|variation| {
        let image = own(variation)?;
        add(&image);
        Some(image.src)
    });
    let addresses = addresses.map(|address| address.into_iter().collect()).collect();
    (images, addresses)
}

fn picture(image: &Image) -> product::Image {
    product::Image {
        remote_id: (image.id != 0).then(|| RemoteId::from(image.id.to_string())),
        hash: None,
        address: image.src.clone(),
        alt: image.alt.trim().to_owned(),
    }
}
