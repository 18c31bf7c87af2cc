//! A load client that costs little: kept connections, requests made ahead, answers read as far as their length asks.
//! It shares the machine with the server that it measures.

use crate::lab::Run;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What came of a load.
#[derive(Debug, Default)]
pub struct Told {
    /// Answers by status.
    pub statuses: BTreeMap<u16, u64>,
    /// Time of each answer in µs, ascending.
    pub times_us: Vec<u32>,
    /// From the first request to the last answer.
    pub took: Duration,
    /// What the first answer that was not good said.
    pub refusal: Option<String>,
}

impl Told {
    /// Answers whose status begins with 2.
    pub fn good(&self) -> u64 {
        let good = self
            .statuses
            .iter()
            .filter(|(status, _)| **status / 100 == 2);
        good.map(|(_, count)| count).sum()
    }

    fn add(&mut self, other: Self) {
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
        self.times_us.extend(other.times_us);
        self.refusal = self.refusal.take().or(other.refusal);
    }

    /// An error where an answer is not good.
    ///
    /// # Errors
    /// With the statuses that were met.
    pub fn all_good(self, what: &str) -> Run<Self> {
        if self.statuses.keys().all(|status| status / 100 == 2) {
            Ok(self)
        } else {
            let why = self.refusal.unwrap_or_default();
            Err(format!("{what}: answers by status: {:?}; {why}", self.statuses).into())
        }
    }
}

/// Stands in a request for a number that each sending of it has for itself.
pub const MARK: &str = "N000000000000";

/// Requests made ahead and sent again and again, each time with a number of its own where [`MARK`] stands.
#[derive(Debug, Clone)]
pub struct Requests {
    /// Each with the places of its marks.
    templates: Arc<Vec<(Vec<u8>, Vec<usize>)>>,
    next: Arc<AtomicU64>,
}

impl Requests {
    /// Over requests as they go over the wire; numbers begin at `first`.
    pub fn numbered(requests: Vec<Vec<u8>>, first: u64) -> Self {
        let marked = |request: Vec<u8>| {
            let windows = request.windows(MARK.len()).enumerate();
            let places = windows.filter(|(_, some)| *some == MARK.as_bytes());
            let places = places.map(|(place, _)| place).collect();
            (request, places)
        };
        Self {
            templates: Arc::new(requests.into_iter().map(marked).collect()),
            next: Arc::new(AtomicU64::new(first)),
        }
    }

    /// The same requests with other numbers.
    #[must_use]
    pub fn from(&self, first: u64) -> Self {
        Self {
            templates: self.templates.clone(),
            next: Arc::new(AtomicU64::new(first)),
        }
    }

    /// One of them, as it goes over the wire.
    pub fn one(&self) -> Vec<u8> {
        let mut buffer = Vec::new();
        self.take(&mut buffer);
        buffer
    }

    /// Puts the next request into a buffer.
    fn take(&self, buffer: &mut Vec<u8>) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        buffer.clear();
        let count = self.templates.len() as u64;
        let Some((request, places)) = self.templates.get((number % count.max(1)) as usize) else {
            return;
        };
        buffer.extend_from_slice(request);
        for place in places {
            let mut left = number;
            for digit in buffer[place + 1..place + MARK.len()].iter_mut().rev() {
                *digit = b'0' + (left % 10) as u8;
                left /= 10;
            }
        }
    }
}

/// A GET with the key of the measurements.
pub fn get(path: &str, headers: &[(&str, &str)]) -> Vec<u8> {
    request("GET", path, headers, b"")
}

/// A request as it goes over the wire.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n");
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    if method != "GET" {
        head += &format!(
            "content-type: application/json\r\ncontent-length: {}\r\n",
            body.len()
        );
    }
    head += "\r\n";
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// One connection.
struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr) -> Run<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(16_384),
        })
    }

    /// Sends a request and reads the answer: its status and where its body begins in the buffer.
    async fn ask(&mut self, request: &[u8]) -> Run<(u16, usize)> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err("the server closed the connection".into());
            }
            if let Some((status, head, whole)) = measure(&self.buffer)?
                && self.buffer.len() >= whole
            {
                return Ok((status, head));
            }
        }
    }
}

/// Status, length of the head and of the whole answer; none while the head is not whole.
fn measure(answer: &[u8]) -> Run<Option<(u16, usize, usize)>> {
    let Some(head) = answer.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let text = std::str::from_utf8(&answer[..head])?;
    let status = text.get(9..12).ok_or("no status")?.parse()?;
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_length = name.eq_ignore_ascii_case("content-length");
        is_length.then(|| value.trim().parse::<usize>().ok())?
    });
    let length = length.ok_or("an answer without content-length")?;
    Ok(Some((status, head + 4, head + 4 + length)))
}

/// One request on a connection of its own: status and body.
///
/// # Errors
/// No answer comes.
pub fn ask_once(address: SocketAddr, request: &[u8]) -> Run<(u16, Vec<u8>)> {
    runtime()?.block_on(async {
        let mut connection = Connection::open(address).await?;
        let (status, head) = connection.ask(request).await?;
        Ok((status, connection.buffer[head..].to_vec()))
    })
}

/// Asks the same again and again, each time once so long has gone by since the last, until `is_enough` says so. It keeps one
/// connection and sees each body with the moment it came.
///
/// # Errors
/// The connection breaks, or an answer is not good.
pub fn ask_every(
    address: SocketAddr,
    request: &[u8],
    every: Duration,
    mut is_enough: impl FnMut(Instant, &[u8]) -> bool,
) -> Run<()> {
    runtime()?.block_on(async {
        let mut connection = Connection::open(address).await?;
        loop {
            let (status, head) = connection.ask(request).await?;
            let body = connection.buffer.get(head..).unwrap_or_default();
            if status / 100 != 2 {
                return Err(format!("refused with {status}").into());
            }
            if is_enough(Instant::now(), body) {
                return Ok(());
            }
            tokio::time::sleep(every).await;
        }
    })
}

/// Each request once, one after the other: the statuses in order.
///
/// # Errors
/// The connection breaks.
pub fn ask_each(address: SocketAddr, requests: &[Vec<u8>]) -> Run<Vec<u16>> {
    runtime()?.block_on(async {
        let mut connection = Connection::open(address).await?;
        let mut statuses = Vec::with_capacity(requests.len());
        for request in requests {
            statuses.push(connection.ask(request).await?.0);
        }
        Ok(statuses)
    })
}

fn runtime() -> Run<tokio::runtime::Runtime> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    Ok(runtime)
}

/// Looks at the body of each good answer, the moment it came.
pub type Look = Rc<dyn Fn(Instant, &[u8])>;

async fn one_client(
    address: SocketAddr,
    requests: Requests,
    until: Instant,
    look: Look,
) -> Run<Told> {
    let mut connection = Connection::open(address).await?;
    let (mut told, mut request) = (Told::default(), Vec::new());
    loop {
        let began = Instant::now();
        if began >= until {
            break;
        }
        requests.take(&mut request);
        let (status, head) = connection.ask(&request).await?;
        *told.statuses.entry(status).or_default() += 1;
        let body = connection.buffer.get(head..).unwrap_or_default();
        if status / 100 == 2 {
            look(Instant::now(), body);
        } else if told.refusal.is_none() {
            told.refusal = Some(String::from_utf8_lossy(body).into_owned());
        }
        let took = began.elapsed().as_micros();
        told.times_us.push(u32::try_from(took).unwrap_or(u32::MAX));
    }
    Ok(told)
}

/// Loads a server from that many connections for that long.
///
/// # Errors
/// A connection breaks.
pub fn load(
    address: SocketAddr,
    clients: usize,
    requests: &Requests,
    length: Duration,
) -> Run<Told> {
    load_looking(address, clients, requests, length, Rc::new(|_, _| ()))
}

/// The same, with an eye on each answer.
///
/// # Errors
/// A connection breaks.
pub fn load_looking(
    address: SocketAddr,
    clients: usize,
    requests: &Requests,
    length: Duration,
    look: Look,
) -> Run<Told> {
    runtime()?.block_on(async {
        let began = Instant::now();
        let local = tokio::task::LocalSet::new();
        let running: Vec<_> = (0..clients)
            .map(|_| {
                let (requests, look) = (requests.clone(), look.clone());
                local.spawn_local(one_client(address, requests, began + length, look))
            })
            .collect();
        local
            .run_until(async {
                let mut told = Told::default();
                for client in running {
                    told.add(client.await??);
                }
                told.took = began.elapsed();
                told.times_us.sort_unstable();
                Ok(told)
            })
            .await
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_to_its_length() {
        let answer = b"HTTP/1.1 201 Created\r\nContent-Length: 3\r\n\r\nabc";
        let (status, head, whole) = measure(answer).expect("reads").expect("is whole");
        assert_eq!((status, whole), (201, answer.len()));
        assert_eq!(&answer[head..], b"abc");
        assert!(measure(&answer[..30]).expect("reads").is_none());
        assert!(measure(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }

    #[test]
    fn every_sending_has_a_number_of_its_own() {
        let text = format!("a {MARK} b {MARK}");
        let requests = Requests::numbered(vec![text.into_bytes(), b"plain".to_vec()], 40);
        let mut buffer = Vec::new();
        requests.take(&mut buffer);
        assert_eq!(buffer, b"a N000000000040 b N000000000040");
        requests.take(&mut buffer);
        assert_eq!(buffer, b"plain");
        requests.take(&mut buffer);
        assert_eq!(buffer, b"a N000000000042 b N000000000042");
    }
}
