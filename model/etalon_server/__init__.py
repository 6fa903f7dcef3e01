"""The reference server: one service behind a clock and a journal that outlives the process."""
