"""map.png of scripts/draw-steer: frames and restarts where the model sees them, or by their descriptors."""
import numpy as np


def components(points):
    """Centre and axes of the two principal components, [columns] and [2, columns]."""
    centre = points.mean(axis=0)
    _, _, axes = np.linalg.svd(points[:: max(1, len(points) // 20000)] - centre, full_matrices=False)
    return centre, axes[:2]


def flat(points, centre, axes):
    """On a plane, [n, 2]."""
    on = (points - centre) @ axes.T
    return on if on.shape[1] == 2 else np.column_stack([on[:, 0], np.zeros(len(on))])


def keys_of(group):
    return list(zip(group["member"][...].tolist(), group["segment"][...].tolist()))


def scatter(axis, points, state, score=None):
    """Frames, coloured by their state; by their novelty where no state is known."""
    if not np.any(state >= 0) and score is not None:
        axis.scatter(*points.T, s=3, c=score, cmap="viridis", linewidths=0, label="colour: novelty")
        return
    axis.scatter(*points[state < 0].T, s=2, color="#bbbbbb", linewidths=0, label="none of the states")
    if np.any(state >= 0):
        axis.scatter(*points[state >= 0].T, s=3, c=state[state >= 0], cmap="tab10", vmin=0, vmax=9, linewidths=0)


def mark(axis, points):
    axis.plot(*points.T, "k+", markersize=5, markeredgewidth=0.6, alpha=0.6, label="restarted from")


def draw_latent(axis, log, group):
    """The window at the run's end and all restarts, as the newest model sees them; says what is shown."""
    frames, restarts = log["frames"], log["restarts"]
    numbers = frames["latent"].shape[1]
    latent, origins = frames["latent"][...], restarts["latent"][...]
    if numbers > 2:
        centre, axes = components(latent)
        latent, origins = flat(latent, centre, axes), flat(origins, centre, axes)
        axis.set_xlabel(f"first principal component of {numbers} latent numbers")
    elif numbers == 1:
        latent, origins = (np.column_stack([one[:, 0], np.zeros(len(one))]) for one in (latent, origins))
        axis.set_xlabel("latent number")
    else:
        axis.set_xlabel("first latent number")
    states = dict(zip(keys_of(group), group["state"][...].tolist()))
    state = np.array([states.get(key, -1) for key in keys_of(frames)])
    scatter(axis, latent, state, frames["score"][...] if "score" in frames else None)
    if len(origins):
        mark(axis, origins)
    return f"last {len(latent)} frames, {len(origins)} restarts"


def draw_descriptors(axis, group, centre, axes):
    """All frames that are known, and those that were restarted from."""
    points = flat(group["descriptor"][...], centre, axes)
    scatter(axis, points, group["state"][...])
    axis.set_xlabel("first principal component of the descriptor")
    if "restarts" not in group:
        return f"{len(points)} frames"
    rows = {key: row for row, key in enumerate(keys_of(group))}
    origins = zip(group["restarts/from_member"][...].tolist(), group["restarts/from_segment"][...].tolist())
    mark(axis, points[sorted({rows[origin] for origin in origins if origin in rows})])
    return f"{len(points)} frames, {len(group['restarts/member'])} restarts"


def draw(figure, maps, logs, name):
    """A panel for each method: `maps` are the session's frames, `logs` what its ML rank left behind (or None)."""
    axes = figure.subplots(1, len(maps), squeeze=False)[0]
    # The same plane for all methods whose frames have no other place than their descriptors.
    centre, plane = components(np.concatenate([group["descriptor"][...] for group in maps.values()]))
    first = None
    for axis, (method, group) in zip(axes, maps.items()):
        log = logs[method]
        if log is not None and log["frames/latent"].attrs["space"] == "latent":
            what = draw_latent(axis, log, group)
        else:
            what = draw_descriptors(axis, group, centre, plane)
            if first is not None:
                axis.sharex(first)
                axis.sharey(first)
            first = first or axis
        axis.set_title(f"{name(method)}: {what}", fontsize=9)
        axis.legend(fontsize=7, loc="upper right", markerscale=2)
    if first is not None:
        first.autoscale()
    axes[0].set_ylabel("second")
