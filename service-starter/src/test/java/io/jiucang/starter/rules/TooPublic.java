package io.jiucang.starter.rules;

/** Seen by whoever likes. */
public final class TooPublic {}
