pub mod chart;
pub mod figures;
