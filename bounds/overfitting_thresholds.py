r"""Where benign overfitting ends: the two sides of a paper read together, as one "if and only if".

A benign and a harmful theorem leave the constants of their signal-to-noise premises open, and with
them what lies between. Read together they say that success changes where the index is of order 1,
and on no other combination of n, d, mu and sigma_n. That reading is ours (derived); both halves are
recalled. Source: Theory, section 12.

Letters are those of the mean, as in the theorems themselves.
"""

from bounds.antipodal import MODEL, SECTION
from bounds.averaged_laws import RELU_INDEX
from bounds.benign_overfitting import SHARED as CAO_PREMISES
from bounds.benign_overfitting import SNR_INDEX
from bounds.boundary import Boundary
from bounds.relu_benign_overfitting import SHARED as KOU_PREMISES
from bounds.sources import BENIGN, RELU, Source
from bounds.statements import Condition, Theorem
from bounds.symbols import flip

FLIP = 0.1  # the share of wrong labels at which the ReLU boundary is looked for
HARM = 0.1  # the excess, of loss or of error, from which the harmful sides speak


def _joined(citation: str) -> Source:
    return Source(citation, "derived", SECTION, "both sides, each recalled*, read as one")


BENIGN_ENDS = Boundary(
    id="benign-ends",
    statement="L_D <= 0.1 iff n SNR^q >= C",
    quantity="test loss L_D at t*",
    index=SNR_INDEX,
    source=_joined(BENIGN),
    measure="test-loss",
    level=HARM,
    left="L_D",
)

RELU_BENIGN_ENDS = Boundary(
    id="relu-benign-ends",
    statement="the test error is at most flip + 0.1 iff n mu^4 >= C sigma_n^4 d, at flip = 0.1",
    quantity="test error at t*, against labels of which a share 0.1 is wrong",
    index=RELU_INDEX,
    source=_joined(RELU),
    measure="test-error",
    level=FLIP + HARM,
    log_power=0.0,  # its constants C1 and C3 hide no logarithm
    left="P(error)",
)


def _theorem(
    id: str,
    title: str,
    event: str,
    inside: str,
    premises: tuple[Condition, ...],
    model: dict[str, str],
    boundary: Boundary,
) -> Theorem:
    return Theorem(
        id=id,
        title=title,
        statement=f"{boundary.statement}: on either side one of the two theorems of the paper.",
        probability="at least 1 - o(1)",
        event=event,
        source=boundary.source,
        conditions={one.id: one for one in premises},
        claims={},
        boundaries={boundary.id: boundary},
        inside=inside,
        output="mean",
        model=model,
    )


OVERFITTING_THRESHOLD = _theorem(
    "threshold-benign",
    "Where benign overfitting ends",
    "every label is there, and every sample has a neuron of its class with a positive initial "
    "product on its noise",
    "fittable",
    CAO_PREMISES,
    MODEL,
    BENIGN_ENDS,
)

RELU_OVERFITTING_THRESHOLD = _theorem(
    "threshold-relu-benign",
    "Where benign overfitting of ReLU ends",
    "every label is there",
    "classes-full",
    (
        *KOU_PREMISES,
        Condition("flips", "flip = 0.1", flip, "both", _joined(RELU), FLIP),
    ),
    {**MODEL, "flip": "any"},
    RELU_BENIGN_ENDS,
)
