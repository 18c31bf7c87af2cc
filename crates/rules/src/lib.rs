//! Policy packs and their evaluator.
