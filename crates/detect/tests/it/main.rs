//! Detection from the outside: the table, and promises kept on simulated series and streams.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod backtest;
mod board;
mod promise;
mod retrospect;
mod simulate;
mod table;
mod topics;
