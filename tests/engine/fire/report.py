"""The results of an attack run, and a text about them."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Report:
    """The results; `problems` is empty if the engine withstood everything."""

    viewers: int
    seconds: float = 0
    engines: int = 0
    attacks: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    published: int = 0
    received: int = 0
    latencies: Counter[int] = field(default_factory=Counter)
    """The number of events by their latency in tenths of a millisecond."""
    most_sockets: int = 0
    restarts: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: {"SIGTERM": [], "kill -9": []})
    """For each restart, the seconds until the first viewer and until all viewers were subscribed again."""
    memory: tuple[float, float] = (0, 0)
    """The most memory that the engine used, and what it was allowed then; both in kB."""
    is_over_bound: bool = False

    def in_words(self) -> str:
        """Return the figures, one a line, and the problems."""
        attacks = ", ".join(f"{number} {name}" for name, number in sorted(self.attacks.items()))
        lines = [
            f"{sum(self.attacks.values())} attacks in {self.seconds:.0f} s on {self.engines} engines: {attacks}.",
            f"{self.viewers} viewers received {self.received:,} times one of {self.published:,} events, "
            "each of them once and in order, unless a problem below says otherwise.",
            f"publish to receive meanwhile: p50 {self._percentile(50)} ms, p99 {self._percentile(99)} ms, "
            f"worst {max(self.latencies, default=0) / 10} ms; attacker and viewers share the machine.",
            f"Sockets at once: {self.most_sockets:,}. Memory: {self.memory[0]:,.0f} kB at most, "
            f"of {self.memory[1]:,.0f} allowed.",
        ]
        for how, return_times in self.restarts.items():
            first, last = (sorted(each) for each in zip(*return_times, strict=True)) if return_times else ([0.0], [0.0])
            lines.append(
                f"Subscribed again after {how}, {len(return_times)} times: "
                f"the first viewer after {first[0]:.2f} s at best, "
                f"{first[len(first) // 2]:.2f} in the middle, {first[-1]:.2f} at worst; all after {last[-1]:.2f} s."
            )
        lines.append("The time in which the new engine waited for a processor is not counted.")
        found = Counter(self.problems)
        lines += [f"WRONG, {number} times: {problem}" for problem, number in found.items()] or ["Nothing was wrong."]
        return "\n".join(lines)

    def _percentile(self, percent: int) -> float:
        left = sum(self.latencies.values()) * percent / 100
        for tenths, number in sorted(self.latencies.items()):
            left -= number
            if left <= 0:
                return tenths / 10
        return 0.0
