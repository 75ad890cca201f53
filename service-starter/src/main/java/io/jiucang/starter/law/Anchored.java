package io.jiucang.starter.law;

import io.jiucang.title.Ruling;
import io.jiucang.title.event.Cite;

/**
 * Where a valid event stands.
 *
 * @param at what cites it says
 * @param ruling which of the tokens it names it names in vain
 */
public record Anchored(Cite at, Ruling.Valid ruling) {}
