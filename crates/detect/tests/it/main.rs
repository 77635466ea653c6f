//! Detection from the outside: the table, and promises kept on simulated series.

mod promise;
mod simulate;
mod table;
