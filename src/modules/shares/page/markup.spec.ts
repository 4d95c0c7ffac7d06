import fc from 'fast-check';
import { Html, markup } from './markup.js';

it('escapes every value, in texts and attributes', () => {
  expect(markup`<p title="${'" onload="x'}">${'<script>alert(1)</script>'}</p>`.text).toBe(
    '<p title="&#34; onload&#61;&#34;x">&#60;script&#62;alert(1)&#60;/script&#62;</p>',
  );
  expect(markup`<b>${['a&b', '<'].map((text) => markup`<i>${text}</i>`)}</b>`.text).toBe(
    '<b><i>a&#38;b</i><i>&#60;</i></b>',
  );
  expect(markup`${new Html('<br>')}${3}`.text).toBe('<br>3');
});

it('lets no text out of its place', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(markup`${text}`.text).not.toMatch(/[<>"'`=]|&(?!#\d+;)/);
    }),
  );
});
