//! Reading and writing the CSV exports of search logs.
