//! A service on actix-web: `cargo run -p actix`, then `curl -i 127.0.0.1:8080/orders/17`.

use actix::adapter;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, web};
use trace_core::{TraceContext, Tracer};

async fn order(id: web::Path<u32>) -> String {
    let trace = TraceContext::current().map(|context| context.trace_id().to_string());
    format!("order {id} in trace {}\n", trace.unwrap_or_default())
}

fn main() -> std::io::Result<()> {
    let tracer = Tracer::builder().release("orders@1.4.0").build().map_err(std::io::Error::other)?;
    let layer = adapter::layer(tracer);
    let server = HttpServer::new(move || {
        let layer = layer.clone();
        App::new()
            .wrap(from_fn(move |request, next| adapter::serve(layer.clone(), request, next)))
            .route("/orders/{id}", web::get().to(order))
    });
    actix_web::rt::System::new().block_on(server.bind("127.0.0.1:8080")?.run())
}
