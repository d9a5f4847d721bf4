import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { differenceOf, type Difference } from './guards.ts'
import { read } from './reading.ts'

/** Two questions, and what they differ in: the same both ways round. */
const table: [string, string, Difference | undefined][] = [
  // Polarity
  ['Is it allowed to smoke?', 'Is it not allowed to smoke?', 'polarity'],
  ['Why does the pump start?', "Why doesn't the pump start?", 'polarity'],
  ['Can I travel with a visa?', 'Can I travel without a visa?', 'polarity'],
  ['可以退货吗？', '不可以退货吗？', 'polarity'],
  ['合同已签字吗？', '合同未签字吗？', 'polarity'],
  ['能不能退货？', '能退货吗？', undefined],
  ['有没有发票？', '有发票吗？', undefined],
  ['无线网络怎么连接？', '如何连接无线网络？', undefined],
  ['未成年人可以开户吗？', '未成年人能不能开户？', undefined],
  // Figures
  ['What is due within 30 days?', 'What is due within thirty days?', undefined],
  ['What is due within 30 days?', 'What is due within 30 weeks?', 'figures'],
  ['What costs $1,500?', 'What costs 1500 dollars?', undefined],
  ['What costs $1,500?', 'What costs €1,500?', 'figures'],
  ['What changed in version 2.4.1?', 'What changed in version 2.4.2?', 'figures'],
  ['What happened on 3 May 2024?', 'What happened on 2024-05-03?', undefined],
  ['What happened on 3 May 2024?', 'What happened on 5 March 2024?', 'figures'],
  ['What was sold in Q2?', 'What was sold in the second quarter?', undefined],
  ['三十天内要做什么？', '30天内要做什么？', undefined],
  ['三十天内要做什么？', '三十个月内要做什么？', 'figures'],
  ['二〇二四年三月五日发生了什么？', '2024年3月5日发生了什么？', undefined],
  ['一百五十元可以买什么？', '150美元可以买什么？', 'figures'],
  // Names
  ['Who founded Acme in Berlin?', 'Who founded Globex in Berlin?', 'names'],
  ['how do I install postgres on ubuntu?', 'How do I install Postgres on Ubuntu?', undefined],
  ['What does `npm ci` do?', 'What does `npm run` do?', 'names'],
  ['错误E1042怎么处理？', '错误E1043怎么处理？', 'names'],
  ['Who works for R&D?', 'Who works for IT?', 'names'],
  // What is asked
  ['When was the bridge built?', 'Who built the bridge?', 'question'],
  ['Where is the key kept?', 'Why is the key kept?', 'question'],
  ['Which day does it open?', 'When does it open?', undefined],
  ['What is the reason for the delay?', 'Why is there a delay?', undefined],
  ['桥是什么时候建成的？', '桥是谁建成的？', 'question'],
  ['发票寄到哪里？', '发票什么时候寄到？', 'question'],
  // Tense
  ['What was the price?', 'What will the price be?', 'tense'],
  ['Who was the head of sales?', 'Who is the head of sales?', 'tense'],
  // Direction
  ['How far is it from Rome to Pisa?', 'How far is it from Pisa to Rome?', 'direction'],
  ['Did Anna pay Boris?', 'Did Boris pay Anna?', 'direction'],
  ['从北京到上海要多久？', '从上海到北京要多久？', 'direction'],
  ['Who hired Smith?', 'Who did Smith hire?', 'direction'],
  ['Who hired Smith?', 'Who was hired by Smith?', 'direction'],
  ['Who hired Smith?', 'Who was Smith hired by?', undefined],
  ['Who can I ask for help?', 'Who do I ask for help?', undefined],
  ['Do cats fear dogs?', 'Do dogs fear cats?', 'direction'],
  ['谁批评了经理？', '经理批评了谁？', 'direction'],
  ['谁批评了经理？', '经理被谁批评了？', undefined],
  ['财务部的负责人是谁？', '谁是财务部的负责人？', undefined],
  // Opposites
  ['How do I enable alerts?', 'How do I turn off alerts?', 'opposites'],
  ['How do I enable alerts?', 'How do I turn on alerts?', undefined],
  ['Who is eligible for it?', 'Who is ineligible for it?', 'opposites'],
  ['What is the maximum speed?', 'What is the minimum speed?', 'opposites'],
  ['怎么开启提醒？', '怎么关闭提醒？', 'opposites'],
  ['怎么开启提醒？', '如何打开提醒？', undefined],
  ['发货前能改吗？', '发货后能改吗？', 'opposites'],
  // A part, and another word
  ['What is the revenue?', 'What is the quarterly revenue?', 'scope'],
  ['员工有多少天年假？', '兼职员工有多少天年假？', 'scope'],
  ['Which countries signed it?', 'Which other countries signed it?', 'scope'],
  ['What did he say in court?', 'What did she say in court?', 'word'],
  ['钥匙放在柜子上吗？', '钥匙放在柜子下吗？', 'word'],
  ['Does it cover fire damage?', 'Does it cover hail damage?', 'word'],
  // Language
  ['What is the notice period?', '通知期是多久？', 'language'],
]

describe('Two questions', () => {
  for (const [one, other, difference] of table)
    it(`«${one}» and «${other}» ${difference ? `differ: ${difference}` : 'mean the same'}`, () => {
      assert.equal(differenceOf(read(one), read(other)), difference)
      assert.equal(differenceOf(read(other), read(one)), difference)
    })

  it('of any text can be compared', () => {
    for (const text of ['', '?', '   ', '的', 'the', '🙂', '12', '“”', '\ud800', 'a'.repeat(5_000), '不'.repeat(500)])
      assert.equal(differenceOf(read(text), read(text)), undefined, JSON.stringify(text.slice(0, 10)))
  })
})
