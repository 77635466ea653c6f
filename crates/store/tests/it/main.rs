//! The store as its callers use it: commit, reopen, search, follow, erase, and what a crash leaves.

mod fixture;

mod commit;
mod erasure;
mod searching;
