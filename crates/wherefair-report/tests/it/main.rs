//! The public pages and maps, read back as XML.

#[cfg(test)]
mod bias;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod maps;
#[cfg(test)]
mod moran;
#[cfg(test)]
mod moran_fixtures;
#[cfg(test)]
mod moran_hostile;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod reading;
mod training;
