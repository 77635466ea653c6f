//! Whole files through the public face: what comes out, what is refused, and that the counts add up.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod bad_input;
mod feeds;
mod resume;
mod sample;
mod support;
mod tables;
mod typed;
