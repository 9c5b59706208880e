/**
 * Results as pages: each one self-contained HTML file that needs no network; and model cards.
 *
 * <p>A page is a Mustache template, which says how things are shown, and a class that gives it values and charts by
 * name. The templates {@code head}, {@code chart}, {@code charts} and {@code provenance} are partials of several pages.
 */
package org.bncnn.report;
