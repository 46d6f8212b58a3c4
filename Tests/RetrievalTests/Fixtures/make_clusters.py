"""Makes clusters.json: spherical k-means by numpy in double precision, from given starts.

    python make_clusters.py > clusters.json

Written from the definition: assign each row to the centroid with the largest cosine; an empty
cluster takes the row farthest from its own centroid (out of a cluster with more than one row, equal
rows once); centroids become mean directions; until no row changes its cluster. Every assignment is
checked to be clear by 1e-4, so that single precision must come to the same one.
"""

import json

import numpy as np

SEED = 2024


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def assign(x, centroids):
    cosines = x @ centroids.T
    ordered = np.sort(cosines, axis=1)
    if len(centroids) > 1:
        assert (ordered[:, -1] - ordered[:, -2]).min() > 1e-4, "an assignment is not clear"
    return cosines.argmax(1), cosines.max(1)


def fill(x, centroids, labels, similarities):
    sizes = np.bincount(labels, minlength=len(centroids))
    filled, taken = 0, []
    for cluster in np.flatnonzero(sizes == 0):
        for row in np.lexsort((np.arange(len(x)), similarities.round(6))):
            if sizes[labels[row]] > 1 and not any((x[row] == x[t]).all() for t in taken):
                break
        sizes[labels[row]] -= 1
        sizes[cluster] = 1
        labels[row], centroids[cluster] = cluster, x[row]
        taken.append(row)
        filled += 1
    for row in taken:
        similarities[row] = 1
    return filled


def cluster(rows, starts, max_iterations):
    x, centroids = unit(rows.astype(np.float64)), unit(starts.astype(np.float64))
    labels, similarities = assign(x, centroids)
    filled = fill(x, centroids, labels, similarities)
    iterations, converged = 0, False
    while iterations < max_iterations and not converged:
        iterations += 1
        for c in range(len(centroids)):
            total = x[labels == c].sum(0)
            if np.linalg.norm(total) > 1e-6 * (labels == c).sum():
                centroids[c] = total / np.linalg.norm(total)
        before = labels
        labels, similarities = assign(x, centroids)
        filled += fill(x, centroids, labels, similarities)
        converged = (labels == before).all()
    return {
        "max_iterations": max_iterations, "rows": rows.tolist(), "starts": starts.tolist(),
        "assignments": labels.tolist(), "similarities": similarities.round(7).tolist(),
        "centroids": centroids.round(7).tolist(), "iterations": iterations,
        "converged": bool(converged), "filled": filled,
        "mean_similarity": similarities.mean()}


def main():
    random = np.random.default_rng(SEED)

    def groups(count, size, width, noise):
        centers = unit(random.normal(size=(count, width)))
        rows = np.repeat(centers, size, 0) + noise * random.normal(size=(count * size, width))
        rows *= random.uniform(0.2, 5, size=(len(rows), 1))
        return random.permutation(rows).round(3).astype(np.float32)

    def clear(make):
        """The first case of random data in which every assignment is clear."""
        for _ in range(200):
            try:
                return make()
            except AssertionError:
                continue
        raise AssertionError("no clear case")

    def from_rows(limit=100, k=5):
        rows = groups(5, 18, 8, 0.3)
        return cluster(rows, rows[random.choice(len(rows), k, replace=False)], limit)

    def with_empty():
        rows = groups(3, 14, 6, 0.15)
        rows = np.concatenate([rows, rows[:4], rows[:4]])
        # Two starts that no row is near to: their clusters are empty at first.
        away = -rows.mean(0, keepdims=True)
        away = np.concatenate([away * 3, away * 3 + 0.01])
        case = cluster(rows, np.concatenate([rows[:1], away, rows[5:6]]).astype(np.float32), 100)
        assert case["filled"] >= 2
        return case

    def cancelling():
        rows = np.array([[2, 0, 0], [-1, 0, 0]], np.float32)
        return cluster(rows, np.array([[0.5, 1, -1]], np.float32), 10)

    def moved_by(least):
        case = from_rows()
        assert case["iterations"] >= least
        return case

    cases = {
        "groups": clear(lambda: moved_by(5)), "stopped": clear(lambda: from_rows(2)),
        "one": from_rows(k=1), "empty": clear(with_empty), "cancelling": cancelling()}
    assert cases["groups"]["converged"] and not cases["stopped"]["converged"]
    print(json.dumps({"made_by": "make_clusters.py", "numpy": np.__version__, "seed": SEED})[:-1])
    for name, case in cases.items():
        print(f', "{name}": {json.dumps(case, separators=(",", ":"))}')
    print("}")


main()
