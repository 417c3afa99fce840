//! A thousand random chains.

use end_to_end::recording;
use http::Method;
use trace_core::TraceExt;

use crate::chains::{assert_spans, copied, end, handler};
use crate::follower::Follower;
use crate::sites::{Answer, Sites, assert_no_leak};

/// Numbers that look random and are the same in each run: xorshift.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_random_chains_show_a_stranger_nothing() {
    let sites = Sites::start().await;
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let (mut at_strangers, mut at_targets) = (0, 0);
    for number in 0..1000 {
        let follower = Follower::ALL[number % Follower::ALL.len()];
        let length = numbers.below(13);
        let mut site = numbers.below(3);
        let first = site;
        let plan = (1..=length).map(|hop| {
            let status = numbers.one(&[301, 302, 303, 307, 308]);
            let next = numbers.below(3);
            let is_relative = next == site && numbers.below(2) == 0;
            site = next;
            let location = if is_relative { format!("/{hop}") } else { sites.url(next, hop) };
            Answer { status, location: location.into_bytes() }
        });
        let plan: Vec<_> = plan.collect();
        let method = numbers.one(&[Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::HEAD]);
        let body = numbers.one(&[None, Some("order")]).filter(|_| method != Method::HEAD);
        let what = format!("{number}: {follower:?} {method} from {first} {plan:?}");
        sites.plan(plan);

        let (tracer, mut transactions) = recording();
        let handler = handler(&tracer);
        let layer = sites.layer(&tracer);
        let headers = numbers.one(&[copied(), Default::default()]);
        let url = sites.url(first, 0);
        let call = follower.send(&layer, method, url, headers, body, sites.proxy()).in_trace(&handler);
        let last = call.await;
        let (spans, arrived) = (end(handler, &mut transactions), sites.arrived());
        assert_no_leak(&arrived, follower.decides_each_hop(), &what);
        if follower.decides_each_hop() {
            assert_eq!(arrived.len(), length.min(10) + 1, "{what}");
            assert_eq!(last.unwrap() == 200, length <= 10, "{what}");
            assert_spans(follower, &spans, &arrived);
        }
        for request in &arrived {
            *(if request.site == 0 { &mut at_targets } else { &mut at_strangers }) += 1;
        }
    }
    assert!(at_strangers > 2000 && at_targets > 1000, "{at_strangers} {at_targets}");
}
