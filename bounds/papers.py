"""The papers that statements cite."""

from dataclasses import dataclass

from bounds.sources import BENIGN, LOW_SNR, PAPER, RELU


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


SEED = Paper(
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
CAO = Paper(
    key="cao2022benign",
    title="Benign Overfitting in Two-layer Convolutional Neural Networks",
    authors=("Cao, Yuan", "Chen, Zixiang", "Belkin, Mikhail", "Gu, Quanquan"),
    year=2022,
    arxiv="2202.06526",
    note="NeurIPS 2022",
)
KOU = Paper(
    key="kou2023benign",
    title="Benign Overfitting in Two-layer ReLU Convolutional Neural Networks",
    authors=("Kou, Yiwen", "Chen, Zixiang", "Chen, Yuanzhou", "Gu, Quanquan"),
    year=2023,
    arxiv="2303.04145",
    note="ICML 2023. On arXiv: Benign Overfitting for Two-layer ReLU Convolutional Neural Networks",
)
HUANG = Paper(
    key="huang2025label",
    title="How Does Label Noise Gradient Descent Improve Generalization in the Low SNR Regime?",
    authors=(
        "Huang, Wei",
        "Han, Andi",
        "Song, Yujin",
        "Chen, Yilan",
        "Wu, Denny",
        "Zou, Difan",
        "Suzuki, Taiji",
    ),
    year=2025,
    arxiv="2510.17526",
    note="NeurIPS 2025",
)

# By the citation of :class:`bounds.Source`.
PAPERS: dict[str, Paper] = {PAPER: SEED, BENIGN: CAO, RELU: KOU, LOW_SNR: HUANG}
