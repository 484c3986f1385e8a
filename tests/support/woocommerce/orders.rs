//! Sales orders.

use super::{
    Answer, Fault, State, fault,
    list::{Query, paged},
};
use http::Method;
use serde_json::{Value, json};

impl State {
    pub(super) fn orders(
        &mut self,
        method: &Method,
        path: &[&str],
        query: &Query,
        _given: &Value,
    ) -> Result<Answer, Fault> {
        match path {
            ["orders"] if method == Method::GET => {
                let orders: Vec<&Value> = self.orders.values().collect();
                paged(&orders, query, |order| (*order).clone())
            }
            _ => Err(fault(
                404,
                "rest_no_route",
                "No route was found matching the URL and request method.",
                json!({}),
            )),
        }
    }
}
