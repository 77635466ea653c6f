//! The store as its callers use it: commit, reopen, search, follow, erase, and what a crash leaves.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod fixture;

mod commit;
mod erasure;
mod searching;
