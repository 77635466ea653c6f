//! Detection from the outside: the table, and promises kept on simulated series and streams.

mod board;
mod promise;
mod simulate;
mod table;
mod topics;
