//! The console's own icons: strokes on a grid of 20.

use leptos::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Icon {
    Alert,
    Bell,
    Check,
    Chevron,
    Close,
    Connections,
    Dark,
    Fetch,
    Back,
    Issues,
    Jobs,
    Light,
    Open,
    Orders,
    Pause,
    Play,
    Products,
    Search,
    Send,
    Settings,
    Stats,
    Sync,
    System,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Self::Alert => {
                "M10 6.5v4.5M10 13.8v.2M8.6 3.2 2 14.7A1.6 1.6 0 0 0 3.4 17h13.2a1.6 1.6 0 0 0 1.4-2.3L11.4 3.2a1.6 1.6 0 0 0-2.8 0Z"
            }
            Self::Bell => {
                "M5 8.5a5 5 0 0 1 10 0c0 4 1.5 5 1.5 5h-13S5 12.5 5 8.500M8.3 16.500a2 2 0 0 0 3.4 0"
            }
            Self::Check => "m4.5 10.5 3.5 3.5 7.5-8",
            Self::Chevron => "m6 8 4 4 4-4",
            Self::Close => "m5.5 5.5 9 9M14.5 5.500l-9 9",
            Self::Connections => "M7 4.500v4M13 4.500v4M5 8.500h10v2a5 5 0 0 1-10 0ZM10 15.500v2",
            Self::Dark => "M16.5 11.600A6.8 6.8 0 1 1 8.4 3.500a5.4 5.4 0 0 0 8.1 8.100Z",
            Self::Fetch => {
                "M10 3.500v8.500m-3.5-3.300L10 12l3.5-3.300M3.5 13v2A1.5 1.5 0 0 0 5 16.500h10a1.5 1.5 0 0 0 1.5-1.500v-2"
            }
            Self::Back => "m12 5-5 5 5 5",
            Self::Issues => "M10 6.500v4M10 13.300v.2M10 17.200a7.2 7.2 0 1 0 0-14.4 7.2 7.2 0 0 0 0 14.400Z",
            Self::Jobs => "M10 6v4.200l2.8 1.600M10 17.200a7.2 7.2 0 1 0 0-14.4 7.2 7.2 0 0 0 0 14.400Z",
            Self::Light => {
                "M10 13.200a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.400ZM10 2v1.500M10 16.500V18M2 10h1.500M16.5 10H18M4.3 4.300l1.1 1.100M14.6 14.600l1.1 1.100M4.3 15.700l1.1-1.100M14.6 5.400l1.1-1.1"
            }
            Self::Open => {
                "M8 4.500H5A1.5 1.5 0 0 0 3.5 6v9A1.5 1.5 0 0 0 5 16.500h9a1.5 1.5 0 0 0 1.5-1.500v-3M11.5 3.500h5v5M16.3 3.7 9.5 10.5"
            }
            Self::Orders => "M5 2.800h10v14.400l-2.5-1.6-2.5 1.6-2.5-1.600L5 17.200ZM8 7h4M8 10.500h4",
            Self::Pause => "M7 4.500v11M13 4.500v11",
            Self::Play => "M6.5 4.200v11.600l9-5.800Z",
            Self::Products => "M3 6.5 10 3l7 3.500v7L10 17l-7-3.500ZM3 6.500l7 3.500m0 0 7-3.500M10 10v7",
            Self::Search => "M9 14.500a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11ZM13 13l3.8 3.8",
            Self::Send => {
                "M10 12V3.500M6.5 6.8 10 3.500l3.5 3.300M3.5 13v2A1.5 1.5 0 0 0 5 16.500h10a1.5 1.5 0 0 0 1.5-1.500v-2"
            }
            Self::Settings => {
                "M3 6h6.500M14 6h3M3 14h3M10.5 14H17M11.7 8.200a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.400ZM8.3 16.200a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.400Z"
            }
            Self::Stats => "M4 16.500v-5M10 16.500v-12M16 16.500v-8",
            Self::Sync => {
                "M16.3 8.500A6.6 6.6 0 0 0 4.6 6.200L3.5 7.500M3.5 3.800v3.700h3.700M3.7 11.500a6.6 6.6 0 0 0 11.7 2.300l1.1-1.300M16.5 16.200v-3.700h-3.7"
            }
            Self::System => "M3.5 4.500h13v9h-13ZM7.5 16.500h5M10 13.500v3",
        }
    }
}

/// Drawn for the eye only; what it stands for is said in words next to it, or in a label around it.
pub(crate) fn icon(icon: Icon) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
            <path d=icon.path()></path>
        </svg>
    }
}
