//! `platewarden completions` and `platewarden man`: what a shell and `man` want to know of the program.

use std::{fs, io, path::PathBuf, process::ExitCode};

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::{
    Program,
    failure::{Outcome, about},
};

/// Print the completions of a shell
#[derive(Args)]
#[command(after_help = "\
Examples:
  platewarden completions bash > ~/.local/share/bash-completion/completions/platewarden
  platewarden completions fish > ~/.config/fish/completions/platewarden.fish
  platewarden completions zsh > \"${fpath[1]}/_platewarden\"")]
pub(crate) struct CompletionArguments {
    /// The shell
    shell: Shell,
}

/// Write the manual pages, one for the program and one for each command
#[derive(Args)]
#[command(after_help = "\
Example:
  platewarden man ~/.local/share/man/man1 && man platewarden-watch")]
pub(crate) struct ManArguments {
    /// Folder to write to
    folder: PathBuf,
}

/// Prints completions.
pub(crate) fn completions(arguments: &CompletionArguments) -> Outcome {
    let mut text = Vec::new();
    clap_complete::generate(
        arguments.shell,
        &mut Program::command(),
        "platewarden",
        &mut text,
    );
    io::Write::write_all(&mut io::stdout(), &text).map_err(crate::failure::OutputError::from)?;
    Ok(ExitCode::SUCCESS)
}

/// Writes manual pages.
pub(crate) fn man(arguments: &ManArguments) -> Outcome {
    let folder = &arguments.folder;
    fs::create_dir_all(folder).map_err(about("create", folder))?;
    clap_mangen::generate_to(Program::command(), folder).map_err(about("write to", folder))?;
    Ok(ExitCode::SUCCESS)
}
