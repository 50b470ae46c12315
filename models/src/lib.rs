//! The trained networks of Platewarden with their manifest.
