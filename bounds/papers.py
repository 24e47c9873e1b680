"""The papers that statements cite."""

from dataclasses import dataclass

from bounds.sources import PAPER


@dataclass(frozen=True)
class Paper:
    """What a bibliography needs.

    Parameters
    ----------
    key : str
        Its key in BibTeX.
    title : str
        The title.
    authors : tuple of str
        Family name, given name.
    year : int
        Of the preprint.
    arxiv : str
        Number on arXiv.
    note : str
        Other titles and versions.
    """

    key: str
    title: str
    authors: tuple[str, ...]
    year: int
    arxiv: str
    note: str = ""


# By the citation of :class:`bounds.Source`.
PAPERS: dict[str, Paper] = {
    PAPER: Paper(
        key="yang2023pruning",
        title="Pruning Before Training May Improve Generalization, Provably",
        authors=(
            "Yang, Hongru",
            "Liang, Yingbin",
            "Guo, Xiaojie",
            "Wu, Lingfei",
            "Wang, Zhangyang",
        ),
        year=2023,
        arxiv="2301.00335",
        note="First titled: Theoretical Characterization of How Neural Network Pruning Affects "
        "its Generalization. Journal version: Random Pruning Over-parameterized Neural Networks "
        "Can Improve Generalization: A Training Dynamics Analysis, JMLR 26(84), 2025",
    )
}
