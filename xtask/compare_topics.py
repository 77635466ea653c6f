"""What others find in the sets on which `cargo xtask eval` measures `huisheng topics discover`: k-means on tf-idf, gensim's LDA, and a pipeline like
BERTopic (UMAP and HDBSCAN or k-means) on vectors that need no download (tf-idf, 100 singular vectors). Means over two seeds; the last figure is the
ARI between them.

    python3 -m venv /tmp/compare && /tmp/compare/bin/pip install scikit-learn gensim umap-learn hdbscan jieba
    /tmp/compare/bin/python xtask/compare_topics.py FILE.jsonl[.gz]:TOPICS ...

Lines of a file have `text` and `label`. Nothing of the project depends on this file.
"""

import gzip
import json
import sys
import time

import hdbscan
import jieba
import numpy as np
import umap
from gensim import corpora, models
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from sklearn.preprocessing import normalize

SEEDS = (0, 1)


def read(path):
    opened = gzip.open(path, "rt") if path.endswith(".gz") else open(path)
    with opened as lines:
        rows = [json.loads(line) for line in lines]
    words = [[word for word in jieba.cut(row["text"]) if len(word.strip()) > 1] for row in rows]
    return words, [row["label"] for row in rows]


def k_means(vectors, topics, seed):
    return KMeans(topics, n_init=3, max_iter=50, random_state=seed).fit_predict(vectors)


def lda(words, topics, seed):
    names = corpora.Dictionary(words)
    names.filter_extremes(no_below=3, no_above=0.2)
    counts = [names.doc2bow(text) for text in words]
    model = models.LdaModel(
        counts, num_topics=topics, id2word=names, passes=8, random_state=seed, alpha="auto", eta="auto"
    )
    shares = (model.get_document_topics(text, minimum_probability=0) if text else [(-1, 1)] for text in counts)
    return [max(of_text, key=lambda share: share[1])[0] for of_text in shares]


def embedded(vectors, seed):
    width = min(100, vectors.shape[1] - 1)
    reduced = normalize(TruncatedSVD(width, random_state=seed).fit_transform(vectors))
    return umap.UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=seed).fit_transform(reduced)


def main():
    for argument in sys.argv[1:]:
        path, topics = argument.rsplit(":", 1)
        topics = int(topics)
        words, labels = read(path)
        vectors = TfidfVectorizer(
            token_pattern=r"\S+", min_df=3, max_df=0.2, sublinear_tf=True
        ).fit_transform(" ".join(text) for text in words)
        size_min = max(10, len(labels) // (20 * topics))
        ways = {
            "k-means": lambda seed: k_means(vectors, topics, seed),
            "LDA": lambda seed: lda(words, topics, seed),
            "like BERTopic": lambda seed: hdbscan.HDBSCAN(min_cluster_size=size_min).fit_predict(embedded(vectors, seed)),
            "like BERTopic, k-means": lambda seed: k_means(embedded(vectors, seed), topics, 0),
        }
        for name, way in ways.items():
            start = time.time()
            found = [way(seed) for seed in SEEDS]
            seconds = (time.time() - start) / len(SEEDS)
            mutual = np.mean([normalized_mutual_info_score(labels, one) for one in found])
            rand = np.mean([adjusted_rand_score(labels, one) for one in found])
            between = adjusted_rand_score(*found)
            print(f"{path}, {name}: NMI {mutual:.3f}, ARI {rand:.3f}, between seeds {between:.3f}, {seconds:.1f} s", flush=True)


if __name__ == "__main__":
    main()
