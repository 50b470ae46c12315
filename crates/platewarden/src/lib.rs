//! Licence plates found and read in images and video on ordinary CPUs.
