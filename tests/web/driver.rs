//! Just enough WebDriver to walk through the pages: one headless Chromium behind its driver, spoken to in plain HTTP.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Name under which the protocol passes elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// Longest wait for something to come true.
const PATIENCE: Duration = Duration::from_secs(10);

/// Keys by their code points in the protocol.
pub const TAB: &str = "\u{e004}";
/// See [`TAB`].
pub const ENTER: &str = "\u{e007}";

/// A browser with one window.
pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
    _profile: tempfile::TempDir,
}

/// An element of the page.
#[derive(Clone)]
pub struct Element(String);

impl Element {
    /// The element as an argument of a script.
    pub fn reference(&self) -> Value {
        json!({ ELEMENT: self.0 })
    }
}

fn driver_program() -> &'static str {
    let elsewhere = "/usr/lib/chromium-browser/chromedriver";
    if Path::new(elsewhere).exists() {
        elsewhere
    } else {
        "chromedriver"
    }
}

fn browser_program() -> &'static str {
    let known = [
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
    ];
    known
        .into_iter()
        .find(|path| Path::new(path).exists())
        .expect("a browser; `cargo xtask test` installs it")
}

impl Browser {
    /// Starts driver and browser; `script` says whether pages may run any.
    pub fn start(script: bool) -> Self {
        let mut driver = Command::new(driver_program())
            .arg("--port=0")
            // The form of a date field is the browser's own.
            .env("LANGUAGE", "zh_CN")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver; `cargo xtask test` installs it");
        let stdout = driver.stdout.take().expect("piped");
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        let port = lines.find_map(|line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse().ok()
        });
        // Somebody has to read what the driver goes on to say, or it stops.
        std::thread::spawn(move || lines.for_each(drop));
        let profile = tempfile::tempdir().expect("a folder");
        let mut browser = Self {
            driver,
            port: port.expect("the driver names its port"),
            session: String::new(),
            _profile: profile,
        };
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--lang=zh-CN",
            "--window-size=1280,900",
            &format!("--user-data-dir={}", browser._profile.path().display()),
        ];
        let preferences = if script {
            json!({})
        } else {
            json!({ "profile.managed_default_content_settings.javascript": 2 })
        };
        let options =
            json!({ "binary": browser_program(), "args": arguments, "prefs": preferences });
        let wanted =
            json!({ "capabilities": { "alwaysMatch": { "goog:chromeOptions": options } } });
        let answer = browser.ask("POST", "/session", &wanted);
        browser.session = answer["sessionId"].as_str().expect("a session").to_owned();
        browser
    }

    /// One request to the driver; its value, or a panic with what it says.
    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = self.try_ask(method, path, body);
        assert!(answer.get("error").is_none(), "{method} {path}: {answer}");
        answer
    }

    fn try_ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the driver listens");
        let body = if method == "POST" {
            body.to_string()
        } else {
            String::new()
        };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).expect("sends");
        stream.write_all(body.as_bytes()).expect("sends");
        // The driver keeps its connections open whatever it is asked: the length says where the answer ends.
        let mut stream = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).expect("a header line");
            match line.trim_end().split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse().expect("a length");
                }
                None if line.trim_end().is_empty() => break,
                _ => {}
            }
        }
        let mut answer = vec![0; length];
        stream.read_exact(&mut answer).expect("the whole answer");
        let value: Value = serde_json::from_slice(&answer)
            .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&answer)));
        value["value"].clone()
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        self.ask("POST", &format!("/session/{}{path}", self.session), body)
    }

    /// Opens an address.
    pub fn open(&self, address: &str) {
        self.post("/url", &json!({ "url": address }));
    }

    /// The address shown.
    pub fn address(&self) -> String {
        let address = self.ask(
            "GET",
            &format!("/session/{}/url", self.session),
            &Value::Null,
        );
        address.as_str().expect("an address").to_owned()
    }

    /// The page as it came.
    pub fn source(&self) -> String {
        let source = self.ask(
            "GET",
            &format!("/session/{}/source", self.session),
            &Value::Null,
        );
        source.as_str().expect("a source").to_owned()
    }

    /// Everything that the page shows, as text.
    pub fn text(&self) -> String {
        let body = self.find("body");
        self.text_of(&body)
    }

    /// The text of an element.
    pub fn text_of(&self, element: &Element) -> String {
        let text = self.ask(
            "GET",
            &format!("/session/{}/element/{}/text", self.session, element.0),
            &Value::Null,
        );
        text.as_str().expect("a text").to_owned()
    }

    /// The first element that a selector names; waits for it.
    pub fn find(&self, selector: &str) -> Element {
        self.find_by("css selector", selector)
    }

    /// The link of this text.
    pub fn link(&self, text: &str) -> Element {
        self.find_by("partial link text", text)
    }

    fn find_by(&self, using: &str, value: &str) -> Element {
        let asked = json!({ "using": using, "value": value });
        let path = format!("/session/{}/element", self.session);
        let began = Instant::now();
        loop {
            let found = self.try_ask("POST", &path, &asked);
            if let Some(id) = found[ELEMENT].as_str() {
                return Element(id.to_owned());
            }
            assert!(
                began.elapsed() < PATIENCE,
                "no {value} in {}: {found}",
                self.address()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Clicks an element.
    pub fn click(&self, element: &Element) {
        self.post(&format!("/element/{}/click", element.0), &json!({}));
    }

    /// Types into an element.
    pub fn type_into(&self, element: &Element, text: &str) {
        self.post(
            &format!("/element/{}/value", element.0),
            &json!({ "text": text }),
        );
    }

    /// Presses one key, wherever the focus is.
    pub fn press(&self, key: &str) {
        let actions =
            json!([{ "type": "keyDown", "value": key }, { "type": "keyUp", "value": key }]);
        self.post(
            "/actions",
            &json!({ "actions": [{ "type": "key", "id": "keys", "actions": actions }] }),
        );
    }

    /// Runs a script in the page and returns what it returns.
    pub fn run(&self, script: &str, arguments: &[Value]) -> Value {
        self.post(
            "/execute/sync",
            &json!({ "script": script, "args": arguments }),
        )
    }

    /// Runs a script that hands its result to its last argument.
    pub fn run_async(&self, script: &str, arguments: &[Value]) -> Value {
        self.post(
            "/execute/async",
            &json!({ "script": script, "args": arguments }),
        )
    }

    /// Speaks to the browser's own protocol.
    fn tell(&self, command: &str, parameters: &Value) -> Value {
        self.post(
            "/goog/cdp/execute",
            &json!({ "cmd": command, "params": parameters }),
        )
    }

    /// Shows the page in a window of this width, as a device of this density does.
    pub fn resize(&self, width: u32, height: u32, density: u32) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": density, "mobile": false });
        self.tell("Emulation.setDeviceMetricsOverride", &metrics);
    }

    /// Follows a click that leads to another page: waits until the address fits.
    pub fn wait_for_address(&self, part: &str) {
        let began = Instant::now();
        while !self.address().contains(part) {
            assert!(
                began.elapsed() < PATIENCE,
                "waited for {part}, is at {}",
                self.address()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        self.find("footer.bottom");
    }

    /// A picture of the whole page at a width, written to a file.
    pub fn picture(&self, width: u32, file: &Path) {
        self.resize(width, 900, 1);
        let height = self.run("return document.documentElement.scrollHeight", &[]);
        let height = u32::try_from(height.as_u64().expect("a height")).expect("a height");
        self.resize(width, height.max(900), 1);
        let path = format!("/session/{}/screenshot", self.session);
        let picture = self.ask("GET", &path, &Value::Null);
        let bytes = decode_base64(picture.as_str().expect("a picture"));
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        std::fs::write(file, bytes).expect("writes the picture");
        self.resize(1280, 900, 1);
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver closes the browser when it is asked to end; killed, it would leave it behind.
        let request = format!(
            "DELETE /session/{} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
            self.session
        );
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) {
            let _ = stream.write_all(request.as_bytes());
            let _ = stream.read(&mut [0; 64]);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// Pictures come as base64, always padded and without line ends.
fn decode_base64(text: &str) -> Vec<u8> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => u32::from(byte - b'A'),
        b'a'..=b'z' => u32::from(byte - b'a') + 26,
        b'0'..=b'9' => u32::from(byte - b'0') + 52,
        b'+' => 62,
        _ => 63,
    };
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for four in text.trim_end_matches('=').as_bytes().chunks(4) {
        let bits =
            four.iter().fold(0, |bits, byte| bits << 6 | value(*byte)) << (6 * (4 - four.len()));
        bytes.extend_from_slice(&bits.to_be_bytes()[1..four.len()]);
    }
    bytes
}

#[test]
fn base64_reads_back() {
    for (text, plain) in [
        ("", ""),
        ("Zg==", "f"),
        ("Zm8=", "fo"),
        ("Zm9v", "foo"),
        ("Zm9vYg==", "foob"),
    ] {
        assert_eq!(decode_base64(text), plain.as_bytes());
    }
}
