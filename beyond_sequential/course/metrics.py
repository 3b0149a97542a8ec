"""How well predictions fit a holdout: plain numpy, on arrays of shape (samples, ...).

A classifier's predictions are probabilities; its targets one-hot rows, class numbers, or 0 and 1
for a single output.
"""

from __future__ import annotations

import numpy as np


def accuracy(predicted: np.ndarray, true: np.ndarray) -> float:
    """Return the share of samples whose class is right; a single output splits at 0.5."""
    predicted = predicted.reshape(len(predicted), -1)
    if predicted.shape[1] == 1:
        return float(np.mean((predicted[:, 0] > 0.5) == (np.ravel(true) > 0.5)))
    return float(np.mean(predicted.argmax(1) == _classes(true)))


def cross_entropy(predicted: np.ndarray, true: np.ndarray) -> float:
    """Return the mean cross-entropy, in nats; a single output is the probability of 1."""
    if predicted.shape[1:] == (1,):
        predicted = np.hstack([1 - predicted, predicted])
    chosen = predicted[np.arange(len(predicted)), _classes(true)]
    return float(-np.mean(np.log(np.clip(chosen, 1e-7, 1.0))))


def mean_absolute_error(predicted: np.ndarray, true: np.ndarray) -> float:
    """In the unit of the target."""
    return float(np.mean(np.abs(np.ravel(predicted) - np.ravel(true))))


def r2(predicted: np.ndarray, true: np.ndarray) -> float:
    """Return the share of the target's variance that the predictions explain; 0 for its mean."""
    predicted, true = np.ravel(predicted), np.ravel(true)
    return float(1.0 - np.sum((true - predicted) ** 2) / np.sum((true - true.mean()) ** 2))


def _classes(true: np.ndarray) -> np.ndarray:
    true = np.asarray(true)
    one_hot = true.ndim == 2 and true.shape[1] > 1
    return true.argmax(1) if one_hot else np.ravel(true).astype(int)
