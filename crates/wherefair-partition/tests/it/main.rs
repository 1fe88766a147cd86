//! Tests across the modules: every partitioning, the lattice, mutual information.

#[cfg(test)]
mod coverage;
#[cfg(test)]
mod lattice;
#[cfg(test)]
mod mutual_information;
#[cfg(test)]
mod partitionings;
