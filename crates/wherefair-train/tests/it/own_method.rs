//! The example of a method and a referee of one's own.

#[path = "../../examples/own_method.rs"]
mod example;

#[test]
fn the_example_runs() {
    example::main().unwrap();
}
