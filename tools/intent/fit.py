"""Small fits that both tools need."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import minimize


def logistic(x: Any, y: Any, weight: Any, ridge: Any) -> Any:
    """Weighted logistic regression; `x` may be sparse, `ridge` holds a number for each column."""

    def loss(w: Any) -> tuple[float, Any]:
        z = x @ w
        value = np.sum(weight * (np.logaddexp(0, z) - y * z)) + 0.5 * np.sum(ridge * w * w)
        slope = x.T @ (weight * (1 / (1 + np.exp(-z)) - y)) + ridge * w
        return float(value), slope

    return minimize(loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B").x
