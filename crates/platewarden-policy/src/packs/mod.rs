//! Rule packs: the law as data.
