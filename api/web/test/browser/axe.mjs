// What axe-core finds on a page: https://github.com/dequelabs/axe-core/blob/develop/doc/rule-descriptions.md
import assert from 'node:assert/strict'
import axe from 'axe-core'

// accessible fails with the findings of impact serious or critical, each with the elements it is about. It looks at what is to be seen now: open what
// should be looked at too. within is a selector, of a part of the page.
export async function accessible(page, within) {
  await page.evaluate(axe.source) // as a debugger does, which the page's content policy does not forbid
  const { violations } = await page.evaluate((part) => globalThis.axe.run(part ?? document, { resultTypes: ['violations'] }), within)
  const findings = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  assert.ok(findings.length === 0, findings.map(described).join('\n\n'))
}

function described({ id, impact, help, helpUrl, nodes }) {
  const elements = nodes.map(({ target, html, any }) => `  ${target.join(' ')}\n    ${html.slice(0, 200)}\n    ${any[0]?.message ?? ''}`)
  return [`${id} (${impact}): ${help}, ${helpUrl}`, ...elements].join('\n')
}
