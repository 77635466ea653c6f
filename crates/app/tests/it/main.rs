//! The program as its users run it: real files in, JSON and exit codes out.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod program;

mod adversary;
mod crash;
mod demo;
mod errors;
mod feeds;
mod flow;
mod forms;
mod judgement;
mod lexicon;
mod limits;
mod other_tools;
mod receipts;
mod stream;
mod traces;
mod weeks;
