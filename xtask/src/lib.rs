//! What tests of other crates borrow from the automation: the adversary.

pub mod adversary;
