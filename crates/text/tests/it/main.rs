//! What needs a process of its own (an allocator that counts), and tables over whole inputs.

mod allocations;
mod decode;
mod decode_table;
