"""The tab Look inside: what each layer makes of a drawing, and which parts of the ink speak for which digit."""

import numpy as np
import streamlit as st

from digits.models import explanations
from digits.page import drawing_views, visitor_session
from digits.page.history import HistoryEntry
from digits.page.widgets import show_error, show_verdict
from digits.recognition.classifier import Classifier
from digits.system.files import UserError
from digits.training import synthetic_digits

HEAT_WIDTH = 280  # CSS pixels


def show() -> None:
    """Show the tab."""
    st.markdown("Follow one drawing through the network: what each layer sees in it, and which strokes decide.")
    try:
        classifier = visitor_session.classifier()
    except UserError as error:
        show_error(str(error))
        return
    picture = choose(visitor_session.entries())
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("The answer")
        show_verdict(classifier.classify(picture))
        seen = drawing_views.png(drawing_views.repeat_pixels(picture, 10))
        st.image(seen, "What the network is given: 28x28 numbers", width=HEAT_WIDTH)
    with right:
        show_evidence(classifier, picture)
    show_layers(classifier, picture)


def choose(entries: list[HistoryEntry]) -> np.ndarray:
    """Return the picture to look at: one of the visitor's, or an example while there is none."""
    if not entries:
        st.info(
            "Nothing of yours to look at yet: draw a digit in the first tab. Until then, an example.",
            icon=":material/draw:",
        )
        return synthetic_digits.draw(np.array([5]), np.random.default_rng(3))[0]
    places = range(len(entries))
    chosen = st.selectbox("Drawing", places, format_func=lambda place: describe(entries[place], len(entries) - place))
    return entries[chosen].picture


def describe(entry: HistoryEntry, number: int) -> str:
    """Return a line that names a drawing."""
    return f"No. {number}: {entry.verdict} ({entry.source}, {entry.name})"


def show_evidence(classifier: Classifier, picture: np.ndarray) -> None:
    """Show which ink speaks for and against a digit that the visitor chooses."""
    st.subheader("What speaks for it")
    answer = classifier.classify(picture)
    digit = st.segmented_control(
        "Digit", range(10), default=answer.digit, required=True, wrap=True, key=f"evidence {hash(picture.tobytes())}"
    )
    values = explanations.occlusion(classifier.classify, picture)
    heat = explanations.heatmap(values[digit], picture, float(np.abs(values).max()))
    st.image(drawing_views.png(heat), width=HEAT_WIDTH, alt=f"What speaks for and against a {digit}")
    st.caption(
        f":blue[Blue] ink speaks for a {digit}, :orange[orange] ink against it: each part is erased in turn, to see "
        "how the answer changes."
    )


def show_layers(classifier: Classifier, picture: np.ndarray) -> None:
    """Show the feature maps of each layer, in the order of the network."""
    st.subheader("Layer by layer")
    st.caption("Each small picture is one feature map: bright where its filter finds what it looks for.")
    for layer in explanations.feature_maps(classifier.content, picture, classifier.temperature):
        st.markdown(f"**{layer.name}**")
        st.image(drawing_views.png(explanations.mosaic(layer)), width="stretch", alt=layer.name)
