//! The shop that stays.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use crate::{command, document};

#[test]
fn serve_prints_the_urls_answers_and_ends_with_ctrl_c() {
    let mut child = command(&["--serve", "--json", "--requests", "1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let urls: Vec<_> = lines.by_ref().map(Result::unwrap).take_while(|line| !line.is_empty()).collect();
    assert_eq!(urls.len(), 4, "{urls:?}");
    let address = urls[0].strip_prefix("storefront http://").unwrap();

    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET /checkout/7 HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains("\"parcel-7\""), "{answer}");

    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(document(&output)["held"], true);
}
