//! A command at a terminal: a pseudo-terminal, and the person who reads and types there.

use std::{
    fs::File,
    io::{Read, Write},
    os::fd::OwnedFd,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
};

use rustix::{
    fs::{Mode, OFlags},
    process::{Pid, Signal, kill_process},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{Winsize, tcsetwinsize},
};

use crate::support::PATIENCE;

/// What the end of input is when it is typed.
pub(crate) const END: &str = "\u{4}";

/// A command that runs at a terminal.
pub(crate) struct Terminal {
    keyboard: File,
    child: Child,
    output: Receiver<Vec<u8>>,
    /// What came out so far, in bytes as they came.
    pub(crate) raw: String,
}

impl Terminal {
    /// Runs a command at a terminal of so many columns. Where `apart` is given, standard error goes
    /// there.
    pub(crate) fn run(columns: u16, command: &mut Command, apart: Option<Stdio>) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        rustix::io::fcntl_setfd(&master, rustix::io::FdFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let path = ptsname(&master, Vec::new()).unwrap();
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let slave = rustix::fs::open(path, flags, Mode::empty()).unwrap();
        let size = Winsize { ws_row: 50, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&slave, size).unwrap();
        let other = |end: &OwnedFd| Stdio::from(end.try_clone().unwrap());
        command.stdin(other(&slave)).stdout(other(&slave));
        command.stderr(apart.unwrap_or_else(|| other(&slave)));
        let child = command.spawn().unwrap();
        // The command has its own: the output ends with it.
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        drop(slave);
        let keyboard = File::from(master);
        let mut screen = keyboard.try_clone().unwrap();
        let (sender, output) = channel();
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            // At the end Linux says that there is no terminal any more.
            while let Ok(count @ 1..) = screen.read(&mut bytes) {
                if sender.send(bytes[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { keyboard, child, output, raw: String::new() }
    }

    /// Reads until this has come out.
    pub(crate) fn wait_for(&mut self, text: &str) -> &mut Self {
        while !self.raw.contains(text) {
            assert!(self.read(), "ended without {text:?}: {}", self.raw);
        }
        self
    }

    /// Types this.
    pub(crate) fn types(&mut self, text: &str) -> &mut Self {
        self.keyboard.write_all(text.as_bytes()).unwrap();
        self
    }

    /// Does what Ctrl-C does.
    pub(crate) fn interrupt(&mut self) -> &mut Self {
        kill_process(Pid::from_child(&self.child), Signal::INT).unwrap();
        self
    }

    /// Waits for the end: what is on the screen then, and the exit status.
    pub(crate) fn end(&mut self) -> (String, Option<i32>) {
        while self.read() {}
        (screen(&self.raw), self.child.wait().unwrap().code())
    }

    fn read(&mut self) -> bool {
        match self.output.recv_timeout(PATIENCE) {
            // Characters aren't split: what is written at once comes at once, below 4096 bytes.
            Ok(bytes) => self.raw.push_str(&String::from_utf8_lossy(&bytes)),
            Err(RecvTimeoutError::Disconnected) => return false,
            Err(RecvTimeoutError::Timeout) => panic!("nothing came: {}", self.raw),
        }
        true
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What is on the screen after all this: a carriage return begins the line again.
fn screen(raw: &str) -> String {
    let mut lines: Vec<Vec<char>> = vec![Vec::new()];
    let mut column = 0;
    for c in raw.chars() {
        let line = lines.last_mut().unwrap();
        match c {
            '\r' => column = 0,
            '\n' => lines.push(Vec::new()),
            c => {
                if column < line.len() {
                    line[column] = c;
                } else {
                    line.push(c);
                }
                column += 1;
            }
        }
    }
    let lines: Vec<String> = lines.iter().map(|line| line.iter().collect()).collect();
    let lines: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    lines.join("\n").trim_end().to_owned()
}
