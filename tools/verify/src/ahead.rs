//! Files read ahead: while one is checked, the next is on its way from the disk. Two buffers go round.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// Reads files one after the other and hands each to `each` with its number; the first error of `each` ends it.
pub(crate) fn each_file<E>(
    paths: &[PathBuf],
    mut each: impl FnMut(usize, io::Result<&[u8]>) -> Result<(), E>,
) -> Result<(), E> {
    let (full, filled) = sync_channel::<(Vec<u8>, io::Result<()>)>(1);
    let (empty, emptied) = sync_channel(2);
    // Moved in, so that the ends of the channels are gone before the reader is waited for.
    thread::scope(move |scope| {
        scope.spawn(move || read_all(paths, &full, &emptied));
        let mut spare = vec![Vec::new(); 2];
        for number in 0..paths.len() {
            for buffer in spare.drain(..) {
                // Nobody takes it where the reader has read its last file.
                let _ = empty.send(buffer);
            }
            // The reader sends one answer for each file.
            let Ok((buffer, read)) = filled.recv() else {
                break;
            };
            each(number, read.map(|()| buffer.as_slice()))?;
            spare.push(buffer);
        }
        Ok(())
    })
}

fn read_all(
    paths: &[PathBuf],
    full: &SyncSender<(Vec<u8>, io::Result<()>)>,
    emptied: &Receiver<Vec<u8>>,
) {
    for path in paths {
        let Ok(mut buffer) = emptied.recv() else {
            return;
        };
        buffer.clear();
        let read = File::open(path).and_then(|mut file| file.read_to_end(&mut buffer));
        if full.send((buffer, read.map(drop))).is_err() {
            return;
        }
    }
}
