"""Copies of the project's XML with one thing changed, for tests of what the generator says of it."""

from dataclasses import dataclass
from pathlib import Path

SPEC = Path(__file__).parents[2] / "spec" / "amqp-1.0-xml"


@dataclass(frozen=True)
class Copy:
    """A folder with the parts."""

    folder: Path

    @classmethod
    def into(cls, folder: Path) -> "Copy":
        folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(SPEC.glob("*.xml")):
            (folder / path.name).write_bytes(path.read_bytes())
        return cls(folder)

    def path(self, part: str) -> Path:
        return self.folder / f"{part}.xml"

    def replace(self, part: str, old: str, new: str) -> int:
        """Change the first occurrence of a text and return the number of its line."""
        text = self.path(part).read_text()
        assert old in text, f"{old!r} is not in {part}"
        self.path(part).write_text(text.replace(old, new, 1))
        return text[: text.index(old)].count("\n") + 1

    def line_of(self, part: str, text: str) -> int:
        content = self.path(part).read_text()
        return content[: content.index(text)].count("\n") + 1
