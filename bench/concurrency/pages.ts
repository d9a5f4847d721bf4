// What each page of the handbook on concurrency shows at its end: a program that checks the page, and what was measured.

import type { Words } from '../../src/bench/concurrency/words.ts'

/** The end of one page. */
export interface PageEnd {
  /** The heading of the program, and what the program shows. */
  run: Words
  shows: Words
  /** The heading of the table. */
  measured: Words
  /** Rows of the table: `group.subject`, or a whole `group`. */
  rows: readonly string[]
}

const words = (en: string, zh: string): Words => ({ en, zh })

/** By the name of the page, which is that of its program in `examples/concurrency`. */
export const pageEnds: Readonly<Record<string, PageEnd>> = {
  blocking: {
    run: words('Run it: the same work here and elsewhere', '运行看看：同一件事，在这里做与在别处做'),
    shows: words(
      'While a slow function computes on the loop, a timer of 1 ms does not fire once; while the same function computes in a thread, it does.',
      '慢函数在循环上计算时，1 毫秒的定时器一次也没有触发；同一个函数放进线程计算时，定时器照常触发。',
    ),
    measured: words('Measured: moving work elsewhere', '实测：把工作移到别处'),
    rows: ['switch.loop', 'start.thread', 'start.process', 'pool'],
  },
  coroutine: {
    run: words(
      'Run it: a hundred at a bounded pace, and a reader that leaves',
      '运行看看：有界地跑一百个协程，以及提前离开的读者',
    ),
    shows: words(
      'A task group runs 100 coroutines and never more than 8 at once; a generator whose reader leaves early is closed.',
      '任务组运行 100 个协程，同时从不超过 8 个；读者提前离开，生成器就被关闭。',
    ),
    measured: words('Measured: start, memory, switch', '实测：启动、内存、切换'),
    rows: ['start', 'memory', 'switch.await', 'switch.async', 'switch.generator'],
  },
  deadlines: {
    run: words('Run it: parts that end with the whole', '运行看看：部分随整体一起结束'),
    shows: words(
      'A part never gets more time than the whole; a part that is late ends alone; when the caller leaves, all parts end.',
      '部分的时间从不多于整体；某一部分迟了，只有它结束；调用者离开，所有部分都结束。',
    ),
    measured: words('Measured: ending in time, and by force', '实测：按时结束与强行结束'),
    rows: ['primitive.deadline', 'stop'],
  },
  event: {
    run: words(
      'Run it: waiters that are woken, and a producer that waits',
      '运行看看：被唤醒的等待者，以及停下来等的生产者',
    ),
    shows: words(
      'Two wait for an event and are freed by `set`, a third passes at once; a producer stops when two values lie in its channel.',
      '两个在等事件，`set` 之后放行，第三个直接通过；通道里放了两个值，生产者就停下来等。',
    ),
    measured: words('Measured: waking and handing on', '实测：唤醒与传递'),
    rows: ['primitive.event', 'primitive.event-threads', 'primitive.channel', 'primitive.channel-threads'],
  },
  ipc: {
    run: words('Run it: a holder that is killed', '运行看看：被杀的持有者'),
    shows: words(
      'While another process holds the lock, this one waits; when that one is killed, the lock is free.',
      '另一个进程拿着锁时，这个进程要等；那个进程被杀后，锁就空出来了。',
    ),
    measured: words('Measured: bytes there and back', '实测：字节往返'),
    rows: [
      'switch.pipe',
      'message.channel-json',
      'message.channel-clone',
      'message.socket',
      'primitive.lock-processes',
      'primitive.semaphore-processes',
    ],
  },
  lock: {
    run: words('Run it: updates lost, and none lost', '运行看看：丢失的更新，一次不丢的更新'),
    shows: words(
      'A hundred coroutines add 1 to a balance across an `await`: without a lock most updates are lost, with one none is.',
      '一百个协程隔着 `await` 给余额加 1：没有锁，大多数更新丢失；有锁，一次也不丢。',
    ),
    measured: words('Measured: taking and giving back', '实测：取得与归还'),
    rows: [
      'primitive.lock',
      'primitive.lock-threads',
      'primitive.lock-processes',
      'primitive.semaphore',
      'primitive.semaphore-threads',
      'primitive.semaphore-processes',
    ],
  },
  memory: {
    run: words('Run it: one counter of two, and a buffer that moves', '运行看看：两边共用一个计数器，以及移走的缓冲区'),
    shows: words(
      'Two threads count in a `SharedArrayBuffer` with `Atomics` and lose nothing; a buffer that is transferred is empty where it was.',
      '两个线程用 `Atomics` 在 `SharedArrayBuffer` 里计数，一次不丢；被移交的缓冲区在原处是空的。',
    ),
    measured: words('Measured: bytes of one that waits', '实测：一个等待者占多少'),
    rows: ['memory', 'message.clone', 'message.transfer', 'message.shared'],
  },
  pools: {
    run: words('Run it: typed, and cancelled in the middle', '运行看看：有类型，可以中途取消'),
    shows: words(
      'Functions are called by module and export, with their types; one that is cancelled in the middle hears it and stops.',
      '按模块和导出名调用函数，类型都在；中途取消时，函数听到后停下。',
    ),
    measured: words('Measured: calls there and back', '实测：调用往返'),
    rows: ['pool', 'start.thread', 'start.process'],
  },
  process: {
    run: words('Run it: a crash that costs one call', '运行看看：一次崩溃只毁掉一个调用'),
    shows: words(
      'A function that kills its process fails its own call with `unavailable`; this process lives on, and another takes the place.',
      '函数杀死了自己的进程，只有这一个调用以 `unavailable` 失败；本进程照常运行，另一个子进程接替它。',
    ),
    measured: words('Measured: start, stop, memory', '实测：启动、停止、内存'),
    rows: [
      'start.thread',
      'start.process',
      'stop',
      'memory.thread',
      'memory.process',
      'memory.process-own',
      'switch.pipe',
    ],
  },
  resources: {
    run: words(
      'Run it: released in reverse order, also when something is thrown',
      '运行看看：出错时也按相反的次序释放',
    ),
    shows: words(
      'A function that throws closes its socket before its file and gives its permit back; after a hundred more failures none is missing.',
      '函数抛出错误时，先关套接字，再关文件，并归还许可；再失败一百次，许可也一张不少。',
    ),
    measured: words('Measured: what one takes', '实测：各占多少'),
    rows: ['memory'],
  },
  thread: {
    run: words('Run it: ended while it holds something', '运行看看：拿着东西时被结束'),
    shows: words(
      'A thread in an endless loop is terminated; the lock that it held is free, and says to the next holder that it was abandoned.',
      '死循环里的线程被终止；它拿着的锁空出来，并告诉下一个持有者：锁是被丢下的。',
    ),
    measured: words('Measured: start, stop, memory, messages', '实测：启动、停止、内存、消息'),
    rows: ['start.thread', 'stop.thread', 'memory.thread', 'switch.thread', 'message.clone', 'pool.thread'],
  },
  'thread-communication': {
    run: words(
      'Run it: ten thousand numbers, and a sender that is held back',
      '运行看看：一万个数字，以及停下来等的发送方',
    ),
    shows: words(
      'A thread sends 10,000 numbers through a channel of 1,024 bytes: all arrive, and the sender is never far ahead.',
      '一个线程经过 1024 字节的通道发送一万个数字：全部到达，发送方从不领先太多。',
    ),
    measured: words('Measured: numbers there and back', '实测：往返一次'),
    rows: [
      'switch.thread',
      'message.clone',
      'message.transfer',
      'message.shared',
      'primitive.event-threads',
      'primitive.channel-threads',
    ],
  },
}
