"""The room that composes models: page -> strips -> model -> one document."""
