"""The words of the tab Look inside: what each stage is called and does, and the terms that explain themselves.

In a sentence, [kernel] is a term: the browser shows its explanation on hover and by keyboard.
"""

from collections import Counter

from digits.models.inside import receptive_field
from digits.models.inside.other_network import OtherNetwork
from digits.page.inside.viewers import AnyNetwork

GLOSSARY = {
    "kernel": "A small table of numbers, learned in training, that slides over a picture. Where the picture has "
    "the pattern of the table, the sum of the products is large.",
    "feature map": "The picture that a kernel makes: bright where it found its pattern.",
    "weight": "A number that the network learned in training. Nothing else is learned.",
    "bias": "A number, learned in training, that is added whatever the picture shows.",
    "normalisation": "Each map is brought to a common scale, with a mean and a variance measured in training, then "
    "stretched by gamma and shifted by beta, which were learned. Also called batch normalisation.",
    "ReLU": "Rectified linear unit: what is negative becomes 0, all else stays. Without it, many layers could "
    "do no more than one.",
    "max pooling": "Of each small square of places only the largest number is kept.",
    "logit": "The sum of all votes for a digit, before it is turned into a probability. It may be negative.",
    "softmax": "Makes probabilities of logits: e to the power of each, divided by the sum of all ten.",
    "temperature": "All logits are divided by it, so that answers of 90 % are right nine times in ten. It was measured "
    "on digits that the network had not learned from.",
    "odds": "How many times likelier one answer is than another. Odds of 7 to 1: of eight such drawings, seven "
    "are the one and one is the other.",
    "receptive field": "The part of the drawing that one place of a map depends on.",
    "convolution": "A layer in which kernels slide over the maps of the layer before.",
}
PARTS = (
    "lines and their ends",
    "corners, bends and crossings",
    "whole pieces of digits, such as hooks, arcs and loops",
)
SHORT = {"convolution": "Conv", "max pooling": "Pool", "average pooling": "Mean"}
OTHER_VOTE = "How likely each digit is, by [softmax] of the network's last ten numbers."
INPUT = (
    "Your drawing, centred and made as large as the digits that the network learned from: 28x28 numbers, 0 for paper."
)


def stages(network: AnyNetwork) -> list[dict]:
    """Return what the browser is told of every stage, the picture first: name, kind, shape and sentence."""
    shapes = network.shapes
    if isinstance(network, OtherNetwork):
        return _of_other(network)
    fields = [1, *receptive_field.sides(network.stages, shapes[0][0])]
    told = [_told("The drawing", "Input", "input", shapes[0], INPUT)]
    counts: Counter[str] = Counter()
    pools = 0
    for place, stage in enumerate(network.stages, start=1):
        counts[stage.kind] += 1
        number = counts[stage.kind]
        is_last = place == len(network.stages)
        if stage.kind == "convolution":
            names, sentence = (
                (f"Convolution {number}", f"Conv {number}"),
                _convolution(number, pools, shapes, place, fields),
            )
        elif stage.kind == "pooling":
            pools += 1
            names, sentence = (f"Max pooling {number}", f"Pool {number}"), _pooling(stage.size)
        elif is_last:
            names, sentence = ("The vote", "Vote"), _vote(shapes[place - 1][2])
        else:
            names = f"Dense layer {number}", f"Dense {number}"
            sentence = f"Each of {shapes[place][2]} units weighs everything in the layer before, wherever it lies."
        told.append(_told(*names, "vote" if is_last else stage.kind, shapes[place], sentence))
    return told


def _of_other(network: OtherNetwork) -> list[dict]:
    """Return the same of a network whose arithmetic is not known."""
    told = [_told("The drawing", "Input", "input", network.shapes[0], INPUT)]
    for name, shape in zip(network.names[:-1], network.shapes[1:-1], strict=True):
        sentence = f"The {name.rsplit(' ', 1)[0]} makes {shape[2]} maps of what the layer before has made."
        told.append(_told(name.capitalize(), _short(name), "other", shape, sentence))
    return [*told, _told("The answer", "Answer", "vote", network.shapes[-1], OTHER_VOTE)]


def _short(name: str) -> str:
    kind, _, number = name.rpartition(" ")
    return f"{SHORT.get(kind, kind.capitalize())} {number}"


def _told(name: str, short: str, kind: str, shape: tuple[int, ...], sentence: str) -> dict:
    height, width, count = shape
    return {
        "name": name,
        "short": short,
        "kind": kind,
        "height": height,
        "width": width,
        "count": count,
        "sentence": sentence,
    }


def _convolution(number: int, pools: int, shapes: list, place: int, fields: list[int]) -> str:
    count, field = shapes[place][2], fields[place]
    if number == 1:
        return (
            f"Each of {count} little windows, the [kernel]s, slides over the drawing and lights up its own "
            f"[feature map] where it finds its pattern: an edge, say, or a line that slants."
        )
    parts = PARTS[min(pools, len(PARTS) - 1)]
    return (
        f"Each of these {count} maps looks at all {shapes[place - 1][2]} maps before it, and so finds patterns of "
        f"patterns: {parts}. One place here depends on {field}x{field} pixels of the drawing, its [receptive field]."
    )


def _pooling(size: int) -> str:
    return (
        f"[Max pooling]: of every {size}x{size} places only the strongest stays. The maps get smaller, and it matters "
        "less where exactly a stroke lies."
    )


def _vote(count: int) -> str:
    return (
        f"All {count} maps vote for or against each digit; the votes are added up, and [softmax] turns the ten sums "
        "into probabilities."
    )
