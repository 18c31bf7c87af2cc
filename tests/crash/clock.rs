//! The system's clock set back and ahead under the real program.

use crate::kill::{post, try_post};
use crate::power::library;
use crate::support::scratch;
use probity_tests::{Folder, Server};

#[test]
fn a_clock_set_back_or_ahead_stops_writes_and_expires_nothing() {
    let folder = Folder::begin_in(scratch());
    let key = folder.key(&["records:write", "subjects:write"]);
    let file = folder.beside("clock");
    let file = std::path::Path::new(&file);
    std::fs::write(file, "0").unwrap();
    let server = Server::start_with(
        &folder.data(),
        &[],
        &[("LD_PRELOAD", library()), ("PROBITY_CLOCK_FILE", file)],
    );
    let first = post(&server, &key, 0, 0);
    for (offset, is_right) in [
        ("-3", true),
        ("-3600", false),
        ("0", true),
        ("31536000", false),
        ("0", true),
    ] {
        std::fs::write(file, offset).unwrap();
        let number = server.position();
        let (status, json) = try_post(&server, &key, 1, number);
        if is_right {
            assert_eq!(status, 201, "{offset}: {json}");
            assert_eq!(server.get("/readyz").status, 200, "{offset}");
            continue;
        }
        assert_eq!(
            (status, json["code"].as_str()),
            (503, Some("clock-refused")),
            "{offset}: {json}"
        );
        assert_eq!(server.get("/readyz").status, 503, "{offset}");
        // Reads go on, and so do answers to what was acknowledged.
        assert_eq!(server.position(), number, "{offset}: nothing was appended");
        assert_eq!(post(&server, &key, 0, 0), first);
    }
    drop(server);
    folder.check_log();
}
