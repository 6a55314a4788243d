"""Reads `/metrics` as a scraper would."""

import requests
from prometheus_client.parser import text_string_to_metric_families


def figures(url: str) -> dict[str, float]:
    """Every figure by its name with labels, the labels in alphabetical order."""
    answer = requests.get(f"{url}/metrics", timeout=30)
    assert answer.status_code == 200, answer.text
    return {
        _named(sample.name, sample.labels): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def _named(name: str, labels: dict[str, str]) -> str:
    told = ",".join(f'{label}="{labels[label]}"' for label in sorted(labels))
    return f"{name}{{{told}}}" if told else name
