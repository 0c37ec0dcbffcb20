import type { Clock } from '../clock.js'
import type { Random } from '../random.js'
import type { Process } from './process.js'

/** How the network is now. Durations in milliseconds. */
export interface Weather {
  readonly baseMs: number
  readonly jitterMs: number
  /** How often a packet is lost; a stream sends it again. */
  readonly loss: number
  /** How often a datagram arrives twice. */
  readonly duplicates: number
  /** How often a packet is late by up to `spikeMs`: datagrams overtake each other then. */
  readonly spikes: number
  readonly spikeMs: number
}

/** Who reaches whom, and how fast. Hosts are numbers from 0. */
export class Network {
  weather: Weather
  readonly clock: Clock
  readonly #random: Random
  readonly #hosts: number
  /** How many partitions block a direction. */
  readonly #blocked: Uint8Array

  constructor(clock: Clock, random: Random, hosts: number, weather: Weather) {
    this.clock = clock
    this.#random = random
    this.#hosts = hosts
    this.#blocked = new Uint8Array(hosts * hosts)
    this.weather = weather
  }

  isOpen(from: number, to: number): boolean {
    return this.#blocked[from * this.#hosts + to] === 0
  }

  /** Blocks one direction until the returned function is called. */
  block(from: number, to: number): () => void {
    const index = from * this.#hosts + to
    this.#add(index, 1)
    return () => {
      this.#add(index, -1)
    }
  }

  delay(): number {
    const { baseMs, jitterMs, spikes, spikeMs } = this.weather
    const usual = baseMs + this.#random.next() * jitterMs
    return this.#random.chance(spikes) ? usual + this.#random.next() * spikeMs : usual
  }

  isLost(): boolean {
    return this.#random.chance(this.weather.loss)
  }

  /** Carries one message to a process, or loses it, or carries it twice. */
  datagram(from: number, to: Process, deliver: () => void): void {
    const times = this.isLost() ? 0 : this.#random.chance(this.weather.duplicates) ? 2 : 1
    for (let i = 0; i < times; i++) {
      this.clock.schedule(this.delay(), () => {
        if (this.isOpen(from, to.host)) to.receive(deliver)
      })
    }
  }

  #add(index: number, by: number): void {
    this.#blocked[index] = (this.#blocked[index] ?? 0) + by
  }
}
