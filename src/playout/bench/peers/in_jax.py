"""The synthetic workload in JAX: compiled once for a batch of futures, a batch a core at a time."""

from __future__ import annotations

from functools import partial
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from playout.bench.peers import Outputs, Play
from playout.bench.workload import FIRST_MEMBERS, OUTPUTS, WEEKS, YEARS

BATCH = 4096
"""Futures that a core plays at once: where it is fastest on processors with a megabyte or two of cache a core."""

State: TypeAlias = Any
"""members, revenue, cohesion, arms, territory [8, futures]; will, pressure, stage [futures]."""


def player(cores: int) -> Play:
    """Compile, for as many host devices as there are cores, and play a batch to warm up."""
    jax.config.update("jax_platforms", "cpu")
    jax.config.update("jax_num_cpu_devices", cores)
    devices = NamedSharding(Mesh(np.array(jax.devices()), ("device",)), PartitionSpec("device"))
    batches = jax.jit(jax.vmap(partial(play_batch, BATCH)), in_shardings=devices)

    def play(first: int, futures: int) -> Outputs:
        rounds = -(-futures // (cores * BATCH))
        keys = jax.random.split(jax.random.key(first), (rounds, cores))
        played = [batches(jax.device_put(each, devices)) for each in keys]
        found = np.stack([np.asarray(each) for each in played])  # [round, device, year, output, future]
        return found.transpose(2, 3, 0, 1, 4).reshape(len(OUTPUTS), -1)

    play(0, 1)
    return play


def play_batch(futures: int, key: Any) -> Any:
    """[year, output, future]."""
    members = jnp.repeat(jnp.array(FIRST_MEMBERS, jnp.float32)[:, None], futures, axis=1)
    state = (
        members, members, jnp.full_like(members, 0.8), jnp.full_like(members, 0.5), members / members.sum(0),
        jnp.full(futures, 0.5), jnp.zeros(futures), jnp.zeros(futures, jnp.int32),
    )  # fmt: skip
    keys = jax.random.split(key, (YEARS, WEEKS))
    return jax.lax.scan(year, state, keys)[1]


def year(state: State, keys: Any) -> tuple[State, Any]:
    """A year on, and what it ends with."""
    state, _ = jax.lax.scan(week, state, keys)
    members, revenue, stage = state[0], state[1], state[-1]
    everybody = members.sum(0)
    killed = 7.5e-8 * members * (everybody - members)
    return state, jnp.stack([everybody, killed.sum(0), revenue.sum(0), stage.astype(jnp.float32)])


def week(state: State, key: Any) -> tuple[State, None]:
    """A week on."""
    members, revenue, cohesion, arms, territory, will, pressure, stage = state
    of_shock, of_luck, of_move = jax.random.split(key, 3)
    shock = jax.random.normal(of_shock, members.shape)
    luck = jax.random.uniform(of_luck, members.shape)
    move = jax.random.uniform(of_move, will.shape)
    everybody = members.sum(0)
    pressing = stage == 2
    force = jnp.where(pressing, pressure, 0.0)
    recruited = 0.0025 * members * jnp.exp(-0.5 * force) * (1 + 0.1 * shock)
    lost = 110 * members / everybody + 0.01 * force * members * arms
    killed = 7.5e-8 * members * (everybody - members)
    following = jnp.maximum(members + recruited - lost - killed - 4e-8 * members * members, 1)
    revenue = 0.98 * revenue + 0.02 * following * cohesion * jnp.exp(-force * territory)
    splits = luck < 1 - jnp.exp(-0.01 * (1 - cohesion) - 0.02 * force)
    cohesion = jnp.clip(jnp.where(splits, 0.7 * cohesion, cohesion + 0.01 * (0.9 - cohesion)), 0, 1)
    arms = jnp.clip(arms + 0.01 * revenue / (following + 1) - 0.02 * force * arms, 0, 1)
    territory = territory + 0.05 * (following / everybody - territory)
    will = jnp.clip(will + 0.01 * (0.5 - will) - 0.02 * force + 0.01 * splits.sum(0), 0, 1)
    urge = 0.02 * will + 0.03 * (1 - will) + 0.02 + 0.01 * pressure + 0.02 * cohesion.mean(0)
    stage = stage + ((stage < 4) & (move < 1 - jnp.exp(-urge)))
    pressure = jnp.clip(pressure + 0.05 * (jnp.where(pressing, 0.8, 0.0) - pressure), 0, 1)
    return (following, revenue, cohesion, arms, territory, will, pressure, stage), None
