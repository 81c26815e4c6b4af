// Reads reports as tools of other people do and prints what they count: node readers.cjs FOLDER. The folder holds a
// folder for each situation with ctrf.json and cucumber.json; one with a file `page` is validated and made into a page.
'use strict'
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const ctrf = require('ctrf')
const converter = require('@cucumber/cucumber-json-converter')
const pages = require('multiple-cucumber-html-reporter')

const json = (...names) => JSON.parse(fs.readFileSync(path.join(...names), 'utf8'))

function counts(statuses) {
  const all = { passed: 0, failed: 0, skipped: 0 }
  for (const status of statuses) all[status] = (all[status] || 0) + 1
  return all
}

const read = {}
for (const name of fs.readdirSync(process.argv[2])) {
  const folder = path.join(process.argv[2], name)
  const document = json(folder, 'ctrf.json')
  const { tests, passed, failed, skipped, pending, other, flaky } = ctrf.calculateSummary(document.results.tests, {})
  const { implementation, features } = converter.convert(json(folder, 'cucumber.json'))
  const worst = steps => ['failed', 'skipped', 'passed'].find(status => steps.some(step => step.result.status === status))
  read[name] = {
    ctrf: { tests, passed, failed, skipped, unknown: pending + other, flaky: flaky || 0 },
    implementation,
    cucumber: counts(features.flatMap(feature => feature.elements.map(element => worst(element.steps)))),
  }
  if (!fs.existsSync(path.join(folder, 'page'))) continue // what takes long
  ctrf.validateStrict(document)
  const work = fs.mkdtempSync(path.join(os.tmpdir(), 'readers-'))
  fs.mkdirSync(path.join(work, 'in'))
  fs.copyFileSync(path.join(folder, 'cucumber.json'), path.join(work, 'in', 'cucumber.json'))
  pages.generate({ jsonDir: path.join(work, 'in'), reportPath: path.join(work, 'out'), saveCollectedJSON: true, disableLog: true })
  const shown = json(work, 'out', 'enriched-output.json').scenarios
  read[name].page = { passed: shown.passed, failed: shown.failed, skipped: shown.skipped, total: shown.total }
  fs.rmSync(work, { recursive: true })
}
console.log(JSON.stringify(read))
